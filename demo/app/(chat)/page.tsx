import { connection } from 'next/server'
import { Chat } from '../../components/chat/chat'
import { answerMode } from '../../server/answer/answer-mode'

export default async function ChatPage() {
  // Which mode answers is decided by the environment at run time, not at build time.
  await connection()
  return <Chat mode={answerMode()} conversation={null} />
}
