// A fault of one view does not take the frame with it.
import { Component, type ComponentChildren } from 'preact';
import { t } from '../text/index.ts';

export class Boundary extends Component<{ children?: ComponentChildren }, { text: string }> {
  override state = { text: '' };
  override componentDidCatch(err: unknown): void {
    console.error(err);
    this.setState({ text: err instanceof Error ? err.message : String(err) });
  }
  override render() {
    if (this.state.text === '') return <>{this.props.children}</>;
    return (
      <p class="empty" role="alert">
        {t('frame.broken', { text: this.state.text })} <button onClick={() => location.reload()}>{t('frame.again')}</button>
      </p>
    );
  }
}
