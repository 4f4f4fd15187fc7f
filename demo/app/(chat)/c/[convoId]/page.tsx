import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { TurnList } from '../../../../components/chat/turn-list'
import type { ShownAnswer, ShownConversation } from '../../../../components/chat/turns'
import type { Answer } from '../../../../server/conversations/conversation'
import { getConversations } from '../../../../server/conversations/open-conversations'
import { getTokens } from '../../../../server/tokens'
import { currentVisitor, isUuid } from '../../../../server/visitor'

interface ConversationPageProps {
  params: Promise<{ convoId: string }>
}

export async function generateMetadata({ params }: ConversationPageProps): Promise<Metadata> {
  const found = await find((await params).convoId)
  return { title: found?.conversation.title ?? 'Not found' }
}

export default async function ConversationPage({ params }: ConversationPageProps) {
  const found = await find((await params).convoId)
  if (!found) notFound()
  return <TurnList stored={await shown(found)} />
}

/** For the page and for its title. */
const find = cache(async (convoId: string) => {
  const visitor = await currentVisitor()
  if (!visitor || !isUuid(convoId)) return null
  const conversation = await (await getConversations()).open(visitor, convoId)
  return conversation && { visitor, conversation }
})

/** With a fresh token for each answer: what was said can be judged for as long as it is shown. */
async function shown({
  visitor,
  conversation,
}: NonNullable<Awaited<ReturnType<typeof find>>>): Promise<ShownConversation> {
  const withToken = async (answer: Answer): Promise<ShownAnswer> => ({
    ...answer,
    // Whoever was writing it is gone.
    status: answer.status === 'open' ? 'stopped' : answer.status,
    key: answer.eventId,
    token: await getTokens().mint(answer.eventId, { subject: visitor }),
  })
  const turns = conversation.turns.map(async (turn) => ({
    ...turn,
    answers: await Promise.all(turn.answers.map(withToken)),
  }))
  return { convoId: conversation.convoId, turns: await Promise.all(turns) }
}
