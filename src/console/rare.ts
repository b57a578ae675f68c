// What is not wanted at once and loaded in one piece when it is: links, uploads under way, deleting, the line for curl.
export { openCurl } from './curl.ts'
export { createLinks } from './links.ts'
export { askToDelete } from './remove.ts'
export { openRequest } from './request.ts'
export { openShare } from './share.ts'
export { createUploadPanel } from './upload-panel.ts'
