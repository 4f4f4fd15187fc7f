import { getConversations } from './conversations/open-conversations'

/**
 * Opens the chat's database when the server starts, so that what is wrong with it shows in the terminal and not on the first visit. Pages are
 * served meanwhile: whoever has asked nothing yet needs no database.
 */
export function startServer(): void {
  getConversations().catch((error: Error) => {
    console.error(`chat: ${error.message}`)
    process.exit(1)
  })
}
