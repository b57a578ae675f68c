// The script of uppy.html:
//   npm install @uppy/core @uppy/aws-s3 postern esbuild
//   npx esbuild uppy.js --bundle --format=esm --outfile=uppy.bundle.js
// Until postern is on npm: `npm pack` in a checkout, and `npm install ../postern-0.1.0.tgz` here.
import AwsS3 from '@uppy/aws-s3'
import Uppy from '@uppy/core'
import { uppyS3 } from 'postern/uppy'

const [token, file, bar, out] = ['token', 'file', 'bar', 'out'].map((id) =>
  document.getElementById(id),
)
const baseUrl = new URLSearchParams(location.search).get('gateway') ?? 'http://localhost:8787'

const uppy = new Uppy({ autoProceed: true })
uppy.use(AwsS3, uppyS3({ baseUrl, token: () => token.value }))
// Uppy tells progress late, even after upload-success: it has its own place.
uppy.on('progress', (percent) => (bar.value = percent))
uppy.on('upload-success', (_, { body }) => (out.value = `done: ${body.key}`))
uppy.on('upload-error', (_, error) => (out.value = error.message))

file.addEventListener('change', () => {
  for (const data of file.files) uppy.addFile({ name: data.name, type: data.type, data })
})
