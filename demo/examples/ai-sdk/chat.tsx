'use client'
import { useChat } from '@ai-sdk/react'
import type { ChatTransport } from 'ai'
import type { ReactNode } from 'react'
import type { ChatMessage } from './route'

interface ChatProps {
  chatId: string
  /** From the app's storage: after a reload the ids are those of before. */
  initialMessages?: ChatMessage[]
  transport?: ChatTransport<ChatMessage>
  /** E.g. `(target) => <FeedbackButtons {...target} />` of raindrop-js/react. */
  feedback: (target: { eventId: string; token?: string }) => ReactNode
}

/** A chat in which each answer can be judged as soon as it begins. */
export function Chat({ chatId, initialMessages, transport, feedback }: ChatProps) {
  const { messages, sendMessage } = useChat<ChatMessage>({ id: chatId, messages: initialMessages, transport })
  return (
    <div>
      {messages.map(({ id, role, parts, metadata }) => (
        <article key={id} data-role={role}>
          {parts.map((part, index) => (part.type === 'text' ? <p key={index}>{part.text}</p> : null))}
          {role === 'assistant' && metadata?.raindrop && feedback(metadata.raindrop)}
        </article>
      ))}
      <button onClick={() => void sendMessage({ text: 'What is the capital of France?' })}>Ask</button>
    </div>
  )
}
