// Templates of the pages that links show to browsers; the Worker fills in names in braces and repeats <template>s.

export const LINK_PAGES = [
  'password',
  'once',
  'index',
  'gone',
  'denied',
  'later',
  'upload',
] as const
type LinkPage = (typeof LINK_PAGES)[number]

const LABEL = '<template id="label"><p class="label"><bdi>{label}</bdi></p></template>'

const BODIES: { readonly [P in LinkPage]: { readonly title: string; readonly body: string } } = {
  password: {
    title: 'Password needed',
    body: `${LABEL}
<h1>This link needs a password</h1>
<form method="post">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="256" required aria-describedby="note"<template id="wrong"> aria-invalid="true"</template>>
<p id="note"><template id="wrong"><strong role="alert">That is not the password.</strong></template>Whoever sent you the link knows it.</p>
<button>Open</button>
</form>`,
  },
  once: {
    title: 'Your file is ready',
    body: `${LABEL}
<h1>Your file is ready</h1>
<template id="name"><p class="file"><bdi>{name}</bdi></p></template>
<p>The download begins when you press the button. Until then nothing is counted.</p>
<form method="post"><button>Download</button></form>`,
  },
  index: {
    title: 'Files',
    body: `<h1><bdi>{title}</bdi></h1>
<ul><template id="file"><li><a class="file" href="{url}"><bdi>{name}</bdi></a></li></template></ul>
<template id="more"><p class="more">There are more: these are the first thousand.</p></template>`,
  },
  gone: {
    title: 'This link is not available',
    body: `<h1>This link is not available</h1>
<p>It may have expired, been used up or been withdrawn, or its address is not complete. Please ask whoever sent it for a new one.</p>`,
  },
  denied: {
    title: 'This link does not open here',
    body: `<h1>This link does not open here and now</h1>
<p>It may begin later, or be for another place or network. Please try again later, or ask whoever sent it.</p>`,
  },
  later: {
    title: 'Please try again later',
    body: `<h1>Please try again later</h1>
<p>The link is not at fault: it has been tried too often for now, or the file cannot be reached. Your download is not lost: the same link will do.</p>`,
  },
  upload: {
    title: 'Send files',
    body: `<h1><bdi>{title}</bdi></h1>
<template id="open"><p id="limits">{left} can be sent, each of at most {size}.{types}</p>
<p id="bare">Sending needs JavaScript: each file is checked before it counts. Switch it on for this page, or ask whoever sent the link for another way.</p></template><template id="full"><p id="limits">All files of this link have arrived, or are on their way. Nothing more can be sent.</p></template>
<form data-left="{count}" hidden>
<label for="files">Files</label>
<input id="files" type="file" accept="{accept}" required aria-describedby="limits">
<button>Send</button>
</form>
<ul id="sent"></ul>
<p id="status" role="status"></p>
<script type="module" src="/link-upload.js"></script>`,
  },
}

export function toLinkPage(name: LinkPage): string {
  const { title, body } = BODIES[name]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="/mark.svg" type="image/svg+xml">
<link rel="stylesheet" href="/link.css">
</head>
<body>
<main>
<img class="mark" src="/mark.svg" alt="" width="36" height="36">
${body}
</main>
</body>
</html>
`
}
