'use client'

import { network } from './browser-client'
import type { NetworkMode } from './network-mode'
import styles from './network-switch.module.css'

export const networkNames: Readonly<Record<NetworkMode, string>> = {
  online: 'Online',
  offline: 'Offline',
  error: 'Server error',
  slow: 'Slow',
}

const modes = Object.keys(networkNames) as NetworkMode[]

/** Lets a visitor watch the queue hold and recover. */
export function NetworkSwitch({ mode }: { mode: NetworkMode }) {
  return (
    <fieldset className={styles.switch}>
      <legend className={styles.legend}>Network to the relay</legend>
      {modes.map((one) => (
        <label key={one} className={styles.choice} data-mode={one}>
          <input
            type="radio"
            name="network"
            className={styles.radio}
            checked={one === mode}
            onChange={() => network.set(one)}
          />
          {networkNames[one]}
        </label>
      ))}
    </fieldset>
  )
}
