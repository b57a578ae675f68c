// The page at `/`: sign in with a token, choose where to, drop files, get links.
import type { SignedRequest } from '../contract/common.ts'
import type { SessionAnswer } from '../contract/session.ts'
import { type Api, ApiError, createApi, toPath } from './api.ts'
import { addRow, find, type Row } from './row.ts'
import { uploadFile, type UploadTarget } from './upload.ts'

/** The token lives in this tab alone. */
const TOKEN = 'postern-token'
/** Files that are sent at a time. */
const FILES_AT_ONCE = 2

const page = {
  signedOut: find(document, '#signed-out', HTMLElement),
  signedIn: find(document, '#signed-in', HTMLElement),
  form: find(document, '#sign-in', HTMLFormElement),
  token: find(document, '#token', HTMLTextAreaElement),
  formError: find(document, '#sign-in-error', HTMLElement),
  who: find(document, '#who', HTMLElement),
  whoName: find(document, '#who-name', HTMLElement),
  signOut: find(document, '#sign-out', HTMLButtonElement),
  target: find(document, '#target', HTMLSelectElement),
  noTarget: find(document, '#no-target', HTMLElement),
  drop: find(document, '#drop', HTMLLabelElement),
  files: find(document, '#files', HTMLInputElement),
  uploads: find(document, '#uploads', HTMLUListElement),
  row: find(document, '#upload-row', HTMLTemplateElement),
  status: find(document, '#status', HTMLElement),
}

interface Signed {
  readonly api: Api
  readonly targets: readonly UploadTarget[]
}
let signed: Signed | null = null

function toText(error: unknown): string {
  if (error instanceof DOMException && error.name === 'AbortError') return 'Cancelled'
  return error instanceof Error ? error.message : 'Something went wrong.'
}

function showSignedOut(reason: string): void {
  signed = null
  sessionStorage.removeItem(TOKEN)
  page.signedOut.hidden = false
  page.signedIn.hidden = true
  page.who.hidden = true
  page.formError.hidden = reason === ''
  page.formError.textContent = reason
}

function showSignedIn(api: Api, session: SessionAnswer): void {
  const targets = session.grants.filter(({ allow }) => allow.includes('upload'))
  signed = { api, targets }
  page.whoName.textContent = session.sub
  page.target.replaceChildren(
    ...targets.map(({ bucket, prefix }, at) => new Option(`${bucket} / ${prefix}`, String(at))),
  )
  for (const element of [page.target.parentElement, page.drop])
    if (element !== null) element.hidden = targets.length === 0
  page.noTarget.hidden = targets.length > 0
  page.signedOut.hidden = true
  page.signedIn.hidden = false
  page.who.hidden = false
}

async function signIn(token: string): Promise<void> {
  const api = createApi(token)
  try {
    const session = await api.call<SessionAnswer>('GET', '/v1/session')
    sessionStorage.setItem(TOKEN, token)
    showSignedIn(api, session)
  } catch (error) {
    showSignedOut(toText(error))
  }
}

async function runUpload(
  { api }: Signed,
  target: UploadTarget,
  file: File,
  row: Row,
): Promise<void> {
  const stop = new AbortController()
  row.onCancel(() => stop.abort())
  try {
    const { bucket, prefix } = target
    const { key } = await uploadFile(api, file, { bucket, prefix }, stop.signal, row.setProgress)
    const link = await api.call<SignedRequest>('GET', `/o/${bucket}/${toPath(key)}`)
    row.setDone(link.url, new Date(link.expiresAt))
    page.status.textContent = `${file.name} is stored.`
  } catch (error) {
    row.setFailed(toText(error))
    page.status.textContent = `${file.name}: ${toText(error)}`
    if (error instanceof ApiError && error.status === 401) showSignedOut(error.message)
  }
}

async function addFiles(files: readonly File[]): Promise<void> {
  const target = signed?.targets[Number(page.target.value)]
  if (signed === null || target === undefined) return
  const current = signed
  const queue = files.map((file) => ({ file, row: addRow(page.uploads, page.row, file) }))
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      await runUpload(current, target, next.file, next.row)
  }
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, work))
}

page.form.addEventListener('submit', (event) => {
  event.preventDefault()
  void signIn(page.token.value.trim())
  page.token.value = ''
})
page.signOut.addEventListener('click', () => {
  page.uploads.replaceChildren()
  showSignedOut('')
})
page.files.addEventListener('change', () => {
  void addFiles([...(page.files.files ?? [])])
  page.files.value = ''
})
for (const name of ['dragenter', 'dragover'] as const) {
  page.drop.addEventListener(name, (event) => {
    event.preventDefault()
    page.drop.classList.add('over')
  })
}
for (const name of ['dragleave', 'drop'] as const)
  page.drop.addEventListener(name, () => page.drop.classList.remove('over'))
page.drop.addEventListener('drop', (event) => {
  event.preventDefault()
  void addFiles([...(event.dataTransfer?.files ?? [])])
})
// A file dropped beside the zone would make the browser leave the page, and with it the uploads.
for (const name of ['dragover', 'drop'] as const)
  window.addEventListener(name, (event) => event.preventDefault())

const token = sessionStorage.getItem(TOKEN)
if (token === null) showSignedOut('')
else void signIn(token)
