// The path of a request exactly as it was sent: not decoded, so that keys are decoded once and by us.

/**
 * Everything between the authority and the query of an absolute URL. A slash at the end is doubled: the router overlooks
 * one, but `/healthz/` is another path than `/healthz`, and no route.
 */
export function rawPathOf(request: Request): string {
  const { url } = request
  const start = url.indexOf('/', url.indexOf('://') + 3)
  if (start === -1) return '/'
  const end = url.slice(start).search(/[?#]/)
  const path = end === -1 ? url.slice(start) : url.slice(start, start + end)
  return path.length > 1 && path.endsWith('/') ? `${path}/` : path
}

/** Bucket and key of a raw path below `start`; Hono's own parameters are decoded already. */
export function splitObjectPath(
  rawPath: string,
  start: '/o/' | '/v1/objects/',
): { readonly bucket: string; readonly rawKey: string } {
  const rest = rawPath.slice(start.length)
  const slash = rest.indexOf('/')
  return slash === -1
    ? { bucket: rest, rawKey: '' }
    : { bucket: rest.slice(0, slash), rawKey: rest.slice(slash + 1) }
}
