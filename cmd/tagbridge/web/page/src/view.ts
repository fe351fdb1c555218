// What a view is: a component that is given the parameters of its address. It is the default export of its file.
import type { FunctionComponent } from 'preact';

export interface ViewProps {
  params: URLSearchParams;
}
export type ViewComponent = FunctionComponent<ViewProps>;
