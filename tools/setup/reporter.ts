// The last lines of a test run: every skipped case with its reason, then `N passed, N failed, N skipped`.
import { writeFileSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const reasons: string[] = [];
    for (const module of modules) {
      if (!module.ok() && module.children.size === 0) count.failed += 1;
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
    }
    const file = process.env['CARGO_TUF_TEST_COUNTS'];
    if (file) writeFileSync(file, JSON.stringify({ ...count, reasons }));
    for (const reason of reasons) console.log(reason);
    if (!file) console.log(closingLine(count));
  }
}

export function closingLine(count: { passed: number; failed: number; skipped: number }): string {
  return `${count.passed} passed, ${count.failed} failed${count.skipped ? `, ${count.skipped} skipped` : ''}`;
}
