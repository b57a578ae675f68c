// A link as a QR code, for a phone that is held before the screen.
import { correction, generate } from 'lean-qr/nano'
import { h } from './dom.ts'

/** Modules of white around it, ISO/IEC 18004 §5.3.8. */
const QUIET = 4
const SVG = 'http://www.w3.org/2000/svg'

export function createQr(url: string): HTMLElement {
  const code = generate(url, { minCorrectionLevel: correction.M })
  let path = ''
  for (let y = 0; y < code.size; y += 1)
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) path += `M${x} ${y}h1v1h-1z`
  const side = code.size + 2 * QUIET
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `${-QUIET} ${-QUIET} ${side} ${side}`)
  const modules = document.createElementNS(SVG, 'path')
  modules.setAttribute('d', path)
  svg.append(modules)
  return h('div', { role: 'img', 'aria-label': 'QR code of the link' }, svg)
}
