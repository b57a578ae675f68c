import worker, { Counters, Webhooks } from 'postern/worker'
export { Counters, Webhooks }
export default worker
