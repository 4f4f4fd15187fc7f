'use client'

import { useChat } from './chat-provider'
import { questionId } from './composer'
import { newId } from './new-id'
import { conversationPath, useConvoId } from './use-convo-id'

/** Asks in the conversation of the address, or begins one. */
export function useAsk(): (question: string) => void {
  const { send } = useChat()
  const convoId = useConvoId()
  return (question) => {
    const id = convoId ?? newId()
    send(id, question)
    // The address changes under the page: a navigation would take the stream away.
    if (!convoId) window.history.replaceState(null, '', conversationPath(id))
    document.getElementById(questionId)?.focus()
  }
}
