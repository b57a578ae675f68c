// What a transfer shows on a terminal: a bar, and every line above it.
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { createDisplay } from '../../src/cli/transfer/display.ts'
import { createShell } from '../../src/cli/frame/shell.ts'

/** A terminal that keeps all that it is given. */
function createTerminal() {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _, done) {
      written.push(String(chunk))
      done()
    },
  })
  const notes: string[] = []
  const shell = { ...createShell(), isTerminal: true, note: (text: string) => notes.push(text) }
  const terminal = Object.assign(stream, { isTTY: true, columns: 120 })
  const options = { totalBytes: 4 * 2 ** 20, totalFiles: 2, isQuiet: false, stream: terminal }
  return { display: createDisplay(shell, options), written, notes }
}

test('the last line is shown too, however soon the end comes after it', () => {
  const { display, written } = createTerminal()
  display.move(2 ** 20, 0)
  display.line('one.bin → media/one.bin')
  display.move(4 * 2 ** 20, 2)
  display.line('two.bin → media/two.bin')
  display.end()
  const text = written.join('')
  expect(text).toContain('one.bin → media/one.bin\n')
  expect(text).toContain('two.bin → media/two.bin\n')
  expect(text).toContain('100 %  4.0 MiB of 4.0 MiB')
  expect(text).toContain('2/2 files')
})

test('once it has ended, lines are notes and a second end does nothing', () => {
  const { display, written, notes } = createTerminal()
  display.end()
  const before = written.length
  display.line('late\u001b[2J.bin')
  display.end()
  expect(written).toHaveLength(before)
  expect(notes).toEqual(['late�[2J.bin'])
})
