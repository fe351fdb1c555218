// The page: see app.tsx.
import './css/main.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { language } from './text/index.ts';
import { applyTheme } from './theme.ts';
import { showUnseen } from './visible.ts';

showUnseen();
applyTheme();
document.documentElement.lang = language.get();
const root = document.getElementById('page');
if (root) {
  root.textContent = '';
  render(<App />, root);
}
