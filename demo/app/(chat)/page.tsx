import { TurnList } from '../../components/chat/turn-list'

export default function NewConversationPage() {
  return <TurnList stored={null} />
}
