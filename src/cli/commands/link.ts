// `postern link`: share links through a gateway, and links minted offline.
import { createGroup } from '../frame/command.ts'
import type { Shell } from '../frame/shell.ts'
import { linkCreateCommand } from './link-create.ts'
import { linkEditCommand } from './link-edit.ts'
import { linkListCommand } from './link-list.ts'
import { linkRevokeCommand } from './link-revoke.ts'
import { linkShowCommand } from './link-show.ts'
import { linkSignCommand } from './link-sign.ts'

export function linkCommand(shell: Shell) {
  return createGroup(shell, 'link', 'make, list, change and end share links')
    .addCommand(linkCreateCommand(shell))
    .addCommand(linkListCommand(shell))
    .addCommand(linkShowCommand(shell))
    .addCommand(linkEditCommand(shell))
    .addCommand(linkRevokeCommand(shell))
    .addCommand(linkSignCommand(shell))
}
