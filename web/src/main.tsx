/** Entry of the dashboard. */
import { render } from 'preact';
import { App } from './app';
import './styles/base.css';
import './styles/frame.css';
import './styles/parts.css';
import './styles/review.css';

const place = document.getElementById('app');
if (place !== null) render(<App />, place);
