import { Langfuse } from 'langfuse'

export function open({ endpoint }) {
  const langfuse = new Langfuse({ publicKey: 'bench', secretKey: 'bench', baseUrl: `${endpoint}/langfuse` })
  return {
    track: ({ event, userId, properties: { text, ...metadata } }) =>
      void langfuse.trace({ name: event, userId, input: text, metadata }),
  }
}
