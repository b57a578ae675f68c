// Temporary credentials against a token service on loopback: the documented answers, and every way to fail.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createRoleCredentials } from '../../../src/adapters/sts.ts'
import type { Role } from '../../../src/core/sign/role.ts'
import { expectUntainted } from '../../support/taint.ts'

const START_MS = Date.parse('2026-11-25T12:00:00Z')
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKEY'
let nowMs = START_MS
let answer: (request: IncomingMessage, response: ServerResponse) => void
let bodies: URLSearchParams[] = []
let base = ''

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk) => (body += String(chunk)))
  request.on('end', () => {
    bodies.push(new URLSearchParams(body))
    answer(request, response)
  })
})
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  base = `http://127.0.0.1:${address.port}/`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})
beforeEach(() => {
  nowMs = START_MS
  bodies = []
})

const at = (seconds: number): string => new Date(START_MS + seconds * 1000).toISOString()
/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, its example with other times. */
const toXml = (expiration: string, id = 'ASIAIOSFODNN7EXAMPLE', extra = ''): string =>
  `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <SourceIdentity>Alice</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>${id}</AccessKeyId>
      <SecretAccessKey>${SECRET}</SecretAccessKey>
      <SessionToken>AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQW==</SessionToken>
      <Expiration>${expiration}</Expiration>${extra}
    </Credentials>
    <PackedPolicySize>6</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</AssumeRoleResponse>`
const send =
  (text: string, status = 200, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, headers)
    response.end(text)
  }

function createSource(timeoutMs = 5000) {
  const role: Role = {
    endpoint: base,
    roleArn: 'arn:aws:iam::123456789012:role/demo',
    sessionName: 'postern-media',
    sessionSeconds: 3600,
    proof: {
      via: 'assume-role',
      base: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'base secret' },
      region: 'us-east-1',
      externalId: 'ext',
    },
  }
  const clock = {
    now: () => nowMs,
    // Others' answers arrive while one waits.
    wait: () => new Promise<void>((resolve) => setImmediate(resolve)),
  }
  return createRoleCredentials({ role, clock, fetch, timeoutMs })
}

test('the documented answer becomes credentials, asked for with role, session and external id', async () => {
  answer = send(toXml(at(3600)))
  expect(await createSource().get()).toEqual({
    ok: true,
    value: {
      accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
      secretAccessKey: SECRET,
      sessionToken: 'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQW==',
      expiresAtSeconds: START_MS / 1000 + 3600,
    },
  })
  expect(Object.fromEntries(bodies[0] ?? [])).toEqual({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam::123456789012:role/demo',
    RoleSessionName: 'postern-media',
    DurationSeconds: '3600',
    ExternalId: 'ext',
  })
})

test('fifty requests on a cold isolate make one call', async () => {
  answer = send(toXml(at(3600)))
  const source = createSource()
  const found = await Promise.all(Array.from({ length: 50 }, () => source.get()))
  expect(found.every(({ ok }) => ok)).toBe(true)
  expect(bodies.length).toBe(1)
})

test('renewed from the middle of their life by one request, while the others go on', async () => {
  answer = send(toXml(at(3600), 'FIRST'))
  const source = createSource()
  const idsOf = async (count: number): Promise<string[]> => {
    const found = await Promise.all(Array.from({ length: count }, () => source.get()))
    return found.map((result) => (result.ok ? result.value.accessKeyId : result.error.detail))
  }
  expect(await idsOf(1)).toEqual(['FIRST'])
  nowMs = START_MS + 1799_000
  expect(await idsOf(2)).toEqual(['FIRST', 'FIRST'])
  expect(bodies.length).toBe(1)
  nowMs = START_MS + 1800_000
  answer = send(toXml(at(5400), 'SECOND'))
  expect(await idsOf(3)).toEqual(['SECOND', 'FIRST', 'FIRST'])
  expect(await idsOf(1)).toEqual(['SECOND'])
  expect(bodies.length).toBe(2)
})

test('an outage costs nothing while they are valid, asks every five seconds, and then says so', async () => {
  answer = send(toXml(at(3600)))
  const source = createSource()
  await source.get()
  answer = send('', 500)
  for (const [seconds, ok, calls] of [
    [1800, true, 2],
    [1804, true, 2],
    [1805, true, 3],
    [3589, true, 4],
    [3590, false, 4],
    [3594, false, 5],
  ] as const) {
    nowMs = START_MS + seconds * 1000
    expect([seconds, (await source.get()).ok, bodies.length]).toEqual([seconds, ok, calls])
  }
  answer = send(toXml(at(9000)))
  nowMs = START_MS + 3600_000
  expect((await source.get()).ok).toBe(true)
})

describe('answers that give nothing', () => {
  const error = (inner: string) =>
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${inner}</Error><RequestId>x</RequestId></ErrorResponse>`
  const rows: readonly (readonly [string, string, typeof answer])[] = [
    ['500', 'sts 500', send('oops', 500)],
    [
      'refused, as AWS says it',
      'sts 403 AccessDenied',
      send(error(`<Type>Sender</Type><Code>AccessDenied</Code><Message>${SECRET}</Message>`), 403),
    ],
    [
      'refused, as Ceph says it',
      'sts 404 NoSuchEntity',
      send('<Error><Code>NoSuchEntity</Code></Error>', 404),
    ],
    ['a code that is none', 'sts 400', send(error(`<Code>${SECRET} x</Code>`), 400)],
    ['not XML', 'sts answer malformed', send('{"AssumeRoleResponse":{}}')],
    ['not UTF-8', 'sts unreachable', (_request, response) => response.end(Buffer.from([0xff]))],
    ['empty', 'sts answer malformed', send('')],
    [
      'another operation',
      'sts answer malformed',
      send(toXml(at(3600)).replaceAll('AssumeRoleRes', 'GetSessionTokenRes')),
    ],
    ['expired', 'sts gave expired credentials', send(toXml(at(-1)))],
    ['about to expire', 'sts gave expired credentials', send(toXml(at(10)))],
    ['no expiry', 'sts answer malformed', send(toXml(''))],
    ['local time', 'sts answer malformed', send(toXml('2026-11-25T13:00:00'))],
    ['no such day', 'sts answer malformed', send(toXml('2026-11-45T13:00:00Z'))],
    ['no key id', 'sts answer malformed', send(toXml(at(3600), ''))],
    ['a key id in two lines', 'sts answer malformed', send(toXml(at(3600), 'AS\nIA'))],
    [
      'two secrets',
      'sts answer malformed',
      send(toXml(at(3600), 'ASIA', '<SecretAccessKey>x</SecretAccessKey>')),
    ],
    [
      'an entity',
      'sts answer malformed',
      send(`<!DOCTYPE a [<!ENTITY e "x">]>${toXml(at(3600), '&e;')}`),
    ],
    ['huge', 'sts answer too large', send(toXml(at(3600)) + ' '.repeat(70_000))],
    ['a redirect', 'sts 307', send('', 307, { Location: 'https://sts.example/' })],
    ['the line goes dead', 'sts unreachable', (request) => request.socket.destroy()],
    [
      'half an answer',
      'sts unreachable',
      (request, response) => {
        response.writeHead(200, { 'Content-Length': '1000' })
        response.write('<', () => request.socket.destroy())
      },
    ],
  ]
  test.each(rows)('%s', async (_name, detail, given) => {
    answer = given
    const source = createSource()
    const found = await source.get()
    expect(found).toEqual({ ok: false, error: { reason: 'no_credentials', detail } })
    expectUntainted(JSON.stringify(found), [SECRET, 'base secret'])
    // A dead service is not asked by every request.
    expect(await source.get()).toEqual(found)
    expect(bodies.length).toBe(1)
  })

  test('silence', async () => {
    answer = () => undefined
    expect(await createSource(30).get()).toMatchObject({ error: { detail: 'sts timeout' } })
  })

  test('nobody there', async () => {
    const source = createRoleCredentials({
      role: {
        endpoint: 'http://127.0.0.1:1/',
        roleArn: '',
        sessionName: '',
        sessionSeconds: 900,
        proof: {
          via: 'assume-role',
          base: { accessKeyId: 'a', secretAccessKey: 'b' },
          region: 'x',
        },
      },
      clock: { now: () => nowMs, wait: async () => undefined },
      fetch,
    })
    expect(await source.get()).toMatchObject({ error: { detail: 'sts unreachable' } })
  })
})

test('a request that went away while it asked holds nobody up for longer than the time-out', async () => {
  // The first call never ends: its request was cancelled, and workerd drops its continuation.
  let calls = 0
  const source = createRoleCredentials({
    role: {
      endpoint: base,
      roleArn: 'arn:aws:iam::123456789012:role/demo',
      sessionName: 'x',
      sessionSeconds: 900,
      proof: { via: 'assume-role', base: { accessKeyId: 'a', secretAccessKey: 'b' }, region: 'x' },
    },
    clock: {
      now: () => nowMs,
      wait: async (ms) => {
        nowMs += ms
      },
    },
    fetch: (url, init) => {
      calls += 1
      return calls === 1 ? new Promise(() => undefined) : fetch(url, init)
    },
  })
  answer = send(toXml(at(3600)))
  void source.get()
  expect((await source.get()).ok).toBe(false)
  expect((await source.get()).ok).toBe(true)
  expect(calls).toBe(2)
})
