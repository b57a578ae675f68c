// Files dropped anywhere on the page, or pasted, go into the folder that is shown.
import { h, icon } from './dom.ts'

const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') === true

/** A picture from the clipboard is always called image.png: the time tells it from the one before. */
function toPasted(file: File): File {
  const time = new Date().toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.')
  if (!/^image\.\w+$/.test(file.name)) return file
  const name = `Pasted ${time}.${file.name.split('.').pop()}`
  return new File([file], name, { type: file.type, lastModified: file.lastModified })
}

export function createDropZone(
  host: HTMLElement,
  take: (source: DataTransfer | readonly File[]) => void,
  over: AbortSignal,
): void {
  const veil = h(
    'div',
    { class: 'veil', hidden: true },
    icon('i-drop'),
    h('strong', {}, 'Drop to upload here'),
  )
  host.append(veil)
  const options = { signal: over }
  const isOpen = (): boolean => document.querySelector('dialog[open]') === null
  addEventListener(
    'dragover',
    (event) => {
      if (!hasFiles(event.dataTransfer)) return
      // Without this the browser would leave the page for the file, and with it the uploads.
      event.preventDefault()
      veil.hidden = !isOpen()
    },
    options,
  )
  addEventListener(
    'dragleave',
    (event) => (veil.hidden = event.relatedTarget === null || veil.hidden),
    options,
  )
  addEventListener(
    'drop',
    (event) => {
      veil.hidden = true
      if (!hasFiles(event.dataTransfer)) return
      event.preventDefault()
      if (event.dataTransfer !== null && isOpen()) take(event.dataTransfer)
    },
    options,
  )
  addEventListener(
    'paste',
    ({ clipboardData }) => {
      const files = [...(clipboardData?.files ?? [])]
      if (files.length > 0 && isOpen()) take(files.map(toPasted))
    },
    options,
  )
}
