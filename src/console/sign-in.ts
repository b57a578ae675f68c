// <postern-sign-in>: the first page: what this is, and the form for a token.
import { define, h, newId, put } from './dom.ts'
import { toNotice } from './problem.ts'
import { findToken, type Signed, signIn } from './session.ts'

interface Given {
  readonly onSigned: (signed: Signed) => void
}

const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(location.hostname)

export const createSignIn = define<Given>('postern-sign-in', (host, { onSigned }) => {
  const [field, hint] = [newId(), newId()]
  const token = h('textarea', {
    id: field,
    rows: 5,
    required: true,
    spellcheck: 'false',
    autocomplete: 'off',
    autocapitalize: 'off',
    placeholder: 'eyJhbGciOi…',
    'aria-describedby': hint,
  })
  const submit = h('button', { class: 'primary' }, 'Sign in')
  const trouble = h('div')

  async function send(event: Event): Promise<void> {
    event.preventDefault()
    const text = findToken(token.value)
    put(trouble)
    submit.disabled = true
    try {
      const signed = await signIn(text)
      token.value = ''
      onSigned(signed)
    } catch (error) {
      put(trouble, toNotice(error))
      submit.disabled = false
      token.focus()
      token.select()
    }
  }
  // Pasted is meant: Enter signs in, nobody writes lines into a token.
  token.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return
    event.preventDefault()
    form.requestSubmit()
  })
  const form = h(
    'form',
    { class: 'card', onsubmit: (event) => void send(event) },
    h('label', { for: field }, 'Session token'),
    token,
    h(
      'p',
      { class: 'hint', id: hint },
      'The signed token (JWT) that your application gives its users. It is sent to this gateway alone and never stored in clear.',
    ),
    trouble,
    submit,
  )
  put(
    host,
    h(
      'main',
      {},
      h(
        'p',
        { class: 'welcome' },
        h('img', { src: '/mark.svg', alt: '', width: 36, height: 36 }),
        'Postern',
      ),
      h('h1', {}, 'Private files, opened by your session'),
      h(
        'p',
        { class: 'lead' },
        'Browse, upload and share what your grants allow. The bytes flow straight between this browser and the bucket.',
      ),
      form,
      isLocal &&
        h(
          'div',
          { class: 'local' },
          h('h2', {}, 'On your own machine'),
          h(
            'p',
            {},
            h('code', {}, 'npm start'),
            ' has printed a token for alice: paste it here. Others are made by',
          ),
          h('pre', { tabindex: 0 }, h('code', {}, 'npm run token -- --sub bob --claim role=admin')),
        ),
    ),
  )
  token.focus()
})
