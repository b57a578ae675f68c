// The page of a link that asks for files: sends those that are chosen, one after another, and says what became of each.
import { type Api, ApiError, createApi } from './api.ts'
import { find, toSizeText } from './row.ts'
import { uploadFile } from './upload.ts'

const form = find(document, 'form', HTMLFormElement)
const input = find(form, 'input', HTMLInputElement)
const list = find(document, '#sent', HTMLUListElement)
const status = find(document, '#status', HTMLParagraphElement)
const api: Api = createApi(null, `${location.pathname.replace(/\/$/, '')}/uploads`)
let arrived = 0

const WORDS: { readonly [status: number]: string } = {
  0: 'The connection failed.',
  403: 'The link does not open here and now. Reload the page, or ask whoever sent it.',
  410: 'The link has ended, or has all its files. Ask whoever sent it for a new one.',
  413: `It is larger than the link takes. Send a smaller one.`,
  415: 'The link does not take this kind of file. Send another.',
  429: 'Too much at once: wait a minute.',
}

/** What went wrong, and what to do. */
function toWords(error: unknown): string {
  if (!(error instanceof ApiError)) return error instanceof Error ? error.message : 'It failed.'
  return WORDS[error.status] ?? error.message
}

function addButton(item: HTMLLIElement, text: string, name: string, act: () => void): void {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = text
  button.setAttribute('aria-label', `${text}: ${name}`)
  button.addEventListener('click', act, { once: true })
  item.append(button)
}

interface Line {
  readonly item: HTMLLIElement
  readonly state: HTMLSpanElement
  readonly file: File
}

/** Name, size and state of one file, below one another at any width. */
function addLine(file: File): Line {
  const item = document.createElement('li')
  const name = document.createElement('bdi')
  const state = document.createElement('span')
  name.textContent = file.name
  state.textContent = `${toSizeText(file.size)}, waiting`
  item.append(name, state)
  list.append(item)
  return { item, state, file }
}

async function send({ item, state, file }: Line): Promise<void> {
  const stop = new AbortController()
  const bar = document.createElement('progress')
  bar.max = 1
  bar.setAttribute('aria-label', `Progress of ${file.name}`)
  item.append(bar)
  addButton(item, 'Cancel', file.name, () => stop.abort())
  const setEnd = (text: string): void => {
    for (const gone of item.querySelectorAll('progress, button')) gone.remove()
    state.textContent = text
    status.textContent = `${file.name}: ${text}`
  }
  const again = (text: string): void => {
    setEnd(text)
    addButton(item, 'Try again', file.name, () => {
      item.querySelector('button')?.remove()
      void send({ item, state, file })
    })
  }
  try {
    await uploadFile(api, file, {}, stop.signal, (share) => {
      bar.value = share
      state.textContent = share < 1 ? `${Math.floor(share * 100)} %` : 'Checking what arrived'
    })
    arrived += 1
    item.className = 'done'
    setEnd('It has arrived. Thank you.')
  } catch (error) {
    item.className = ''
    again(stop.signal.aborted ? 'Cancelled.' : toWords(error))
  }
}

// It stands there also when this file does not arrive.
find(document, '#bare', HTMLParagraphElement).remove()
form.hidden = false
input.multiple = form.dataset['left'] !== '1'
form.addEventListener('submit', (event) => {
  event.preventDefault()
  const lines = [...(input.files ?? [])].map(addLine)
  form.reset()
  status.textContent = `Sending ${lines.length} ${lines.length === 1 ? 'file' : 'files'}.`
  void lines
    .reduce((before, line) => before.then(() => send(line)), Promise.resolve())
    .then(() => {
      // What failed was said last, and stays said.
      if (lines.every(({ item }) => item.className === 'done'))
        status.textContent = `${arrived} ${arrived === 1 ? 'file has' : 'files have'} arrived.`
    })
})
// While something is on its way, leaving asks first.
addEventListener('beforeunload', (event) => {
  if (list.querySelector('progress') !== null) event.preventDefault()
})
