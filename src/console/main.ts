// The console at `/`: finds the session, and shows the start or what the session may see.
import { PosternError } from '../client/client.ts'
import { h, put } from './dom.ts'
import { toNotice } from './problem.ts'
import { findSession, type Signed } from './session.ts'
import { createShell } from './shell.ts'
import { createSignIn } from './sign-in.ts'

/** Below the sprite of pictures. */
const root = h('div', { id: 'page' })
document.body.append(root)

function showStart(): void {
  put(root, createSignIn({ onSigned: showShell }))
}

function showShell(signed: Signed): void {
  put(root, createShell({ signed, onLeft: showStart }))
}

async function start(): Promise<void> {
  try {
    showShell(await findSession())
  } catch (error) {
    if (error instanceof PosternError && error.status === 401) showStart()
    else
      put(
        root,
        toNotice(error, () => void start()),
      )
  }
}

void start()
