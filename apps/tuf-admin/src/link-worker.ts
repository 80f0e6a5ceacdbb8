// The file that the thread of link-lane.ts runs.

import { parentPort } from 'node:worker_threads';
import { answerLinks } from './link-lane.ts';

if (parentPort !== null) answerLinks(parentPort);
