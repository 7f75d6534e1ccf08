// A request a line in, an answer a line out, by @cloud-copilot/iam-simulate (AGPL: a process of its own, in tests only).
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
