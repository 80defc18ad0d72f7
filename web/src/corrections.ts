// The page of corrections: stays as the server has them, and reads the drawings
// again when the champion changes.

import { gathered, renew } from "./fragment";
import { Live } from "./live";
import { localTimes } from "./times";

const lists = gathered(() => void renew("lists", "counts", "champion").catch(() => {}), 300);

localTimes();
new Live("/api/v1/events", { champion: lists, correction: lists });
