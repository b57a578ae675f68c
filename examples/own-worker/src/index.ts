import worker, { Counters } from 'postern/worker'
export { Counters }
export default worker
