// Which keys `postern download` takes for files, by platform, and how parts are guessed.
import { assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findPathFault, toPartName } from '../../src/cli/download/name.ts'
import { judgeTargets } from '../../src/cli/download/targets.ts'
import { guessPartSizes } from '../../src/cli/download/verify.ts'

const MIB = 2 ** 20

describe('names', () => {
  test.each([
    ['a/../b', 'linux'],
    ['../x', 'linux'],
    ['/etc/passwd', 'linux'],
    ['a//b', 'linux'],
    ['%2e%2e/x', 'linux'],
    ['a\\b', 'linux'],
    ['a\u0000b', 'linux'],
    ['.a.postern-part', 'linux'],
    [`${'ü'.repeat(128)}`, 'linux'],
    ['C:x', 'win32'],
    ['a/file.txt:stream', 'win32'],
    ['con', 'win32'],
    ['a/NUL.txt', 'win32'],
    ['lpt1 .log', 'win32'],
    ['COM¹', 'win32'],
    ['a./b', 'win32'],
    ['a /b', 'win32'],
    ['what?', 'win32'],
  ] as const)('%j is no file on %s', (path, platform) => {
    expect(findPathFault(path, platform)).toEqual(expect.any(String))
  })
  test.each([
    ['con', 'linux'],
    ['what?', 'darwin'],
    ['a./b', 'linux'],
    ['console.log', 'win32'],
    ['a/.git', 'win32'],
    ['Grüße/日本 (1).png', 'win32'],
  ] as const)('%j is one on %s', (path, platform) => {
    expect(findPathFault(path, platform)).toBeNull()
  })
  test('the unfinished file has a name that fits', () => {
    expect(toPartName('x.bin')).toBe('.x.bin.postern-part')
    expect(Buffer.byteLength(toPartName('ü'.repeat(127)))).toBeLessThanOrEqual(255)
    expect(toPartName(`${'x'.repeat(254)}a`)).not.toBe(toPartName(`${'x'.repeat(254)}b`))
  })
  test('two objects are never one file', () => {
    const found = ['A/x', 'a/X', 'b', 'b/c', 'd'].map((path) => ({
      bucket: 'media',
      key: `k/${path}`,
      path,
      size: 1,
    }))
    const taken = (platform: NodeJS.Platform): string[] =>
      judgeTargets(found, platform)
        .filter(({ fault }) => fault === null)
        .map(({ path }) => path)
    expect(taken('linux')).toEqual(['A/x', 'a/X', 'b/c', 'd'])
    expect(taken('darwin')).toEqual(['b/c', 'd'])
  })
})

describe('parts', () => {
  test('each guess makes so many parts', () => {
    const sizes = integer({ min: 1, max: 2 ** 45 })
    assert(
      property(sizes, integer({ min: 1, max: 10_000 }), (size, count) => {
        for (const bytes of guessPartSizes(size, count)) expect(Math.ceil(size / bytes)).toBe(count)
      }),
    )
  })
  test.each([
    [1024 * MIB, 8],
    [100 * MIB + 1, 5],
    [100 * MIB + 1, 16],
    [1000 * MIB, 64],
    [40_000 * MIB, 10],
  ])('%i bytes in parts of %i MiB are among the guesses', (size, mib) => {
    expect(guessPartSizes(size, Math.ceil(size / (mib * MIB)))).toContain(mib * MIB)
  })
})
