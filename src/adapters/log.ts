// The log: one JSON line per request on the Worker's console; Workers Logs keep it. Never fails a request.
import type { EventLog } from '../ports.ts'

export const consoleLog: EventLog = {
  write(event) {
    // oxlint-disable-next-line no-console -- the console is where a Worker's log goes
    console.log(JSON.stringify(event))
  },
}
