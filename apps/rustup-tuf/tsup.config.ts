import { defineConfig } from 'tsup';
import { program } from '../../tsup.config.base.ts';

export default defineConfig(program);
