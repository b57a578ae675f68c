// Every command of `postern`, in one table.
import { VERSION } from '../version.ts'
import { doctorCommand } from './commands/doctor.ts'
import { downloadCommand } from './commands/download.ts'
import { explainCommand } from './commands/explain.ts'
import { grantsCommand } from './commands/grants.ts'
import { initCommand } from './commands/init.ts'
import { keysCommand } from './commands/keys.ts'
import { linkCommand } from './commands/link.ts'
import { presignCommand } from './commands/presign.ts'
import { revokeCommand } from './commands/revoke.ts'
import { tokenCommand } from './commands/token.ts'
import { uploadCommand } from './commands/upload.ts'
import { createGroup } from './frame/command.ts'
import type { Shell } from './frame/shell.ts'

export function createProgram(shell: Shell) {
  return createGroup(shell, 'postern', 'Pre-signed S3 URLs, and the gateway that makes them')
    .version(VERSION, '-V, --version', 'print the version')
    .addCommand(presignCommand(shell))
    .addCommand(uploadCommand(shell))
    .addCommand(downloadCommand(shell))
    .addCommand(explainCommand(shell))
    .addCommand(initCommand(shell))
    .addCommand(doctorCommand(shell))
    .addCommand(tokenCommand(shell))
    .addCommand(linkCommand(shell))
    .addCommand(grantsCommand(shell))
    .addCommand(revokeCommand(shell))
    .addCommand(keysCommand(shell))
}
