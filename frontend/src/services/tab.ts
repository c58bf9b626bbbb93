/** The name of this tab as the server knows it: a tab is told nothing of what it did itself. */
export const tabId = crypto.randomUUID();
