'use client'

import { Notice } from '../components/chat/notice'

export default function ErrorPage({ reset }: { reset: () => void }) {
  return (
    <Notice title="This page could not be shown">
      <p>What was said is kept. The terminal in which the demo runs says what is wrong.</p>
      <p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </p>
    </Notice>
  )
}
