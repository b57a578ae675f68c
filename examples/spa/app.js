// One row for each file: progress, pause, cancel, and what became of it. No framework, nothing to build.
import { createPostern } from './client.js'

const baseUrl = new URLSearchParams(location.search).get('gateway') ?? 'http://localhost:8787'
const token = document.querySelector('#token')
const postern = createPostern({ baseUrl, token: () => token.value })

function addRow(file) {
  const row = document.createElement('li')
  const bar = document.createElement('progress')
  const state = document.createElement('span')
  bar.max = file.size || 1
  bar.setAttribute('aria-label', file.name)
  const button = (text, call) => {
    const element = document.createElement('button')
    element.textContent = text
    element.addEventListener('click', call)
    return element
  }
  const upload = postern.upload(file, {
    bucket: 'media',
    prefix: 'users/alice/',
    onProgress(progress) {
      bar.value = progress.sentBytes
      const eta = progress.etaSeconds === null ? '' : `, ${Math.ceil(progress.etaSeconds)} s left`
      state.textContent = progress.isOffline ? 'waiting for the line' : progress.state + eta
    },
  })
  row.append(
    `${file.name} `,
    bar,
    state,
    button('Pause', () => upload.pause()),
    button('Resume', () => upload.resume()),
    button('Cancel', () => upload.abort()),
  )
  document.querySelector('#uploads').append(row)
  upload.done.then(
    ({ key, size }) => (state.textContent = `done: ${key}, ${size} bytes`),
    ({ code, message, requestId }) => (state.textContent = `${code}: ${message} ${requestId}`),
  )
}

document.querySelector('#files').addEventListener('change', ({ target }) => {
  for (const file of target.files) addRow(file)
  target.value = ''
})
