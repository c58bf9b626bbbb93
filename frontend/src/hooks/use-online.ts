import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

const subscribe = (listener: () => void) => onlineManager.subscribe(listener);
const getSnapshot = () => onlineManager.isOnline();

/** Whether the browser has a network. */
export const useOnline = () => useSyncExternalStore(subscribe, getSnapshot);
