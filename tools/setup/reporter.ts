// The end of a test run: every skipped case with its reason, then `N passed, N failed, N skipped`. With the name of a
// file in CARGO_TUF_TEST_COUNTS it writes the counts there instead: tools/setup/tests.mjs adds them up.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';
import { closingLine } from './tests.mjs';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const reasons: string[] = [];
    for (const module of modules) {
      const failedBefore = count.failed;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') count.passed += 1;
        else if (result.state === 'failed') count.failed += 1;
        else {
          count.skipped += 1;
          const note = result.state === 'skipped' ? result.note : undefined;
          reasons.push(`skipped: ${test.fullName}: ${note ?? 'no reason given'}`);
        }
      }
      // A file that cannot be loaded, or whose preparation fails, runs none of its tests.
      if (!module.ok() && count.failed === failedBefore) count.failed += 1;
    }
    const file = process.env['CARGO_TUF_TEST_COUNTS'];
    if (file) return writeFileSync(file, JSON.stringify({ ...count, reasons }));
    for (const reason of reasons) console.log(reason);
    console.log(closingLine(count));
  }
}
