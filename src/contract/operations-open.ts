// Calls that need no credential, as data of the OpenAPI document: keys, discovery, health.
import type { ApiCall } from './api-call.ts'
import { healthAnswer, readyAnswer } from './health.ts'
import { discoveryAnswer, jwksAnswer } from './well-known.ts'

export const OPEN_CALLS: readonly ApiCall[] = [
  {
    id: 'jwks',
    method: 'get',
    path: '/.well-known/jwks.json',
    summary: 'Public keys of what the gateway signs: receipts and identity tokens',
    description: 'Where POSTERN_SIGNING_KEY is set. Cacheable, and readable from every origin.',
    isGuarded: false,
    answers: { 200: { description: 'The key set.', schemas: { KeySet: jwksAnswer } } },
    codes: ['not_found'],
  },
  {
    id: 'discovery',
    method: 'get',
    path: '/.well-known/openid-configuration',
    summary: 'Discovery document of the gateway as issuer of identity tokens',
    isGuarded: false,
    answers: {
      200: { description: 'The document.', schemas: { Discovery: discoveryAnswer } },
    },
    codes: ['not_found'],
  },
  {
    id: 'healthz',
    method: 'get',
    path: '/healthz',
    summary: 'Liveness and build',
    isGuarded: false,
    answers: { 200: { description: 'It lives.', schemas: { Health: healthAnswer } } },
    codes: [],
  },
  {
    id: 'readyz',
    method: 'get',
    path: '/readyz',
    summary: 'Configuration and bindings; 503 lists every fault',
    isGuarded: false,
    answers: { 200: { description: 'It is ready.', schemas: { Ready: readyAnswer } } },
    codes: [],
  },
]
