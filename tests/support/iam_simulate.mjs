// Reads one request per line and writes one answer per line, with @cloud-copilot/iam-simulate. It is AGPL, so it runs
// in its own process, and only in tests.
import { createInterface } from 'node:readline'
import { createRequire } from 'node:module'

const { runSimulation } = createRequire(process.argv[2] + '/')('@cloud-copilot/iam-simulate')

const answers = []
for await (const line of createInterface({ input: process.stdin })) {
  let answer
  try {
    const found = await runSimulation(JSON.parse(line), { simulationMode: 'Strict' })
    answer = found.resultType === 'error' ? `error: ${JSON.stringify(found.errors)}` : found.overallResult
  } catch (error) {
    answer = `error: ${error.message}`
  }
  answers.push(JSON.stringify(answer))
}
process.stdout.write(answers.join('\n') + '\n')
