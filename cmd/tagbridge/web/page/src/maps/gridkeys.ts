// What the keyboard and the clipboard do in a grid.
import type { Grid } from './grid.ts';
import { moved } from './selection.ts';

export class GridKeys {
  constructor(private readonly grid: Grid) {
    const { box } = grid.input;
    box.addEventListener('keydown', (e) => {
      if (e.isComposing) return;
      const done = grid.input.mode === 'no' ? this.selecting(e) : this.editing(e);
      if (done) e.preventDefault();
    });
    box.addEventListener('copy', (e) => this.copy(e));
    box.addEventListener('cut', (e) => this.copy(e) && grid.source.editable && grid.actions.clear(grid.picked));
    box.addEventListener('paste', (e) => this.paste(e));
  }

  private copy(e: ClipboardEvent): boolean {
    if (this.grid.input.mode !== 'no') return false;
    e.clipboardData?.setData('text/plain', this.grid.actions.copy(this.grid.picked));
    e.preventDefault();
    return true;
  }

  private paste(e: ClipboardEvent): void {
    if (this.grid.input.mode !== 'no') return;
    e.preventDefault();
    const text = e.clipboardData?.getData('text/plain') ?? '';
    if (text !== '' && this.grid.source.editable) this.grid.actions.paste(this.grid.picked, text);
  }

  private editing(e: KeyboardEvent): boolean {
    const { input } = this.grid;
    const arrow = input.mode === 'typed' && e.key.startsWith('Arrow');
    if (e.key === 'Escape') {
      input.close();
      return true;
    }
    if (e.key === 'Enter' && e.altKey) {
      input.lineEnd();
      return true;
    }
    if (e.key !== 'Enter' && e.key !== 'Tab' && !arrow) return false;
    input.commit();
    this.go(arrow ? e.key : e.key === 'Enter' ? (e.shiftKey ? 'ArrowUp' : 'ArrowDown') : e.shiftKey ? 'ArrowLeft' : 'ArrowRight');
    return true;
  }

  private go(key: string): void {
    const to = moved(this.grid.selection, { key, shift: false, ctrl: false }, this.grid.shape());
    if (to) this.grid.select(to);
  }

  private selecting(e: KeyboardEvent): boolean {
    const ctrl = e.ctrlKey || e.metaKey;
    if (e.altKey) return false;
    if (ctrl && this.command(e)) return true;
    const to = moved(this.grid.selection, { key: e.key, shift: e.shiftKey, ctrl }, this.grid.shape());
    if (to) {
      this.grid.select(to);
      return true;
    }
    return !ctrl && this.plain(e);
  }

  private command(e: KeyboardEvent): boolean {
    const { actions, picked, source } = this.grid;
    const key = e.key.toLowerCase();
    if (key === 'f') {
      actions.find();
      return true;
    }
    if (!source.editable) return false;
    switch (key) {
      case 'z':
        (e.shiftKey ? actions.redo : actions.undo).call(actions);
        return true;
      case 'y':
        actions.redo();
        return true;
      case 'd':
        this.fillDown();
        return true;
      case '+':
        actions.insert(picked.top, picked.bottom - picked.top + 1);
        return true;
      case '-':
        actions.remove(picked);
        return true;
      default:
        return false;
    }
  }

  /** The first row of the range into those below it; of one row: that above it. */
  private fillDown(): void {
    const { actions, picked } = this.grid;
    const top = picked.top === picked.bottom ? picked.top - 1 : picked.top;
    if (top >= 0) actions.fill({ ...picked, top, bottom: top }, picked.bottom, false);
  }

  private plain(e: KeyboardEvent): boolean {
    const { actions, input, picked, selection, source } = this.grid;
    switch (e.key) {
      case 'Enter':
      case 'F2':
        input.open();
        return true;
      case 'Delete':
      case 'Backspace':
        if (source.editable) actions.clear(picked);
        return true;
      case 'F1':
        actions.explain(selection.active.column);
        return true;
      case 'F8':
        actions.nextProblem(e.shiftKey ? -1 : 1);
        return true;
      default:
        return false;
    }
  }
}
