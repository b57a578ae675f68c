import worker, { Counters, Links, Webhooks } from 'postern/worker'
export { Counters, Links, Webhooks }
export default worker
