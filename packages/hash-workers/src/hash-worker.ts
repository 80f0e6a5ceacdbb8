// The file that a worker thread runs. A program that is bundled ships it beside its other files, under this name.

import { parentPort } from 'node:worker_threads';
import { answerTasks } from './lane.ts';

if (parentPort !== null) answerTasks(parentPort);
