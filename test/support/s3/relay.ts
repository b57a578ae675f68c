// Hands the body of a request on to another, as fast as told, with little work for each chunk: what is measured shares the processor.
import type { ClientRequest, IncomingMessage } from 'node:http'

export function relay(
  incoming: IncomingMessage,
  forwarded: ClientRequest,
  /** 0 for all that goes. */
  bytesPerSecond: number,
  /** Sees each chunk before it goes on, and may end the other request. */
  onChunk: (chunk: Buffer) => void,
): void {
  let [dueMs, isSlowed] = [performance.now(), false]
  const end = (): void => {
    if (incoming.readableEnded && !isSlowed) forwarded.end()
  }
  const give = (chunk: Buffer<ArrayBuffer>): void => {
    // Freed by hand: in the large heap of a test collecting them took more of the processor than all else here.
    const isTaken = forwarded.write(chunk, () => void chunk.buffer.transfer(0))
    if (isTaken) return void incoming.resume()
    incoming.pause()
    forwarded.once('drain', () => incoming.resume())
  }
  incoming.on('data', (chunk: Buffer<ArrayBuffer>) => {
    if (forwarded.destroyed) return
    onChunk(chunk)
    if (forwarded.destroyed) return
    if (bytesPerSecond === 0) return give(chunk)
    // By a schedule, so that timers which fire late slow nothing; a pause earns no more than that.
    dueMs = Math.max(dueMs, performance.now() - 20) + (chunk.length * 1000) / bytesPerSecond
    isSlowed = true
    incoming.pause()
    const slowed = (): void => {
      isSlowed = false
      give(chunk)
      end()
    }
    setTimeout(slowed, Math.max(0, dueMs - performance.now()))
  })
  incoming.on('end', end)
}
