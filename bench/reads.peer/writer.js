// Changes actors over HTTP at a fixed rate until it is stopped: node writer.js API TOKEN RATE ID…
// Prints how many writes succeeded and failed when it ends.
import http from 'node:http'

const [api, token, rate, ...ids] = process.argv.slice(2)
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
let sent = 0
let written = 0
let failed = 0
const begun = performance.now()

const write = () => {
  const number = sent++
  const request = http.request(`${api}/v1/actors/${ids[number % ids.length]}`, {
    method: 'PATCH',
    agent,
    headers: { 'content-type': 'application/merge-patch+json', authorization: `Bearer ${token}` }
  }, (response) => {
    response.resume()
    response.statusCode === 200 ? written++ : failed++
  })
  request.on('error', () => failed++)
  request.end(JSON.stringify({ description: `Changed by the benchmark, write ${number} of ${begun}` }))
}
const timer = setInterval(() => {
  const due = Math.floor((performance.now() - begun) / 1000 * rate)
  while (sent < due) write()
}, Math.min(10, 500 / rate))
process.on('SIGTERM', () => {
  clearInterval(timer)
  console.log(`${written} ${failed}`)
  process.exit(0)
})
