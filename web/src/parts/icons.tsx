/** Line icons of the rail, drawn here: no font, no request. */
const shapes = {
  home: 'M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5.5h-5V20H5a1 1 0 0 1-1-1z',
  review: 'M6 4h12a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm2.5 8.5 2.5 2.5 4.5-5.5',
  cycles: 'M19 8a8 8 0 0 0-14.5 2M5 4v6h6M5 16a8 8 0 0 0 14.5-2M19 20v-6h-6',
  nights: 'M19.5 14.6A8 8 0 1 1 9.4 4.5a6.5 6.5 0 0 0 10.1 10.1z',
  changes: 'M12 3v5m0 8v5m-4-9a4 4 0 1 0 8 0 4 4 0 1 0-8 0z',
  findings: 'M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm4.7 11.2L20 20',
  chat: 'M5 5h14a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-7l-4.5 4v-4H5a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z',
  audit: 'M12 3.5 19 6v5.5c0 4.5-3 7.5-7 9-4-1.5-7-4.5-7-9V6zm-3 8.5 2.2 2.2L15.2 10',
  settings: 'M4 7h8m4 0h4M4 17h4m4 0h8M14 4.5v5M10 14.5v5',
  stop: 'M8.5 3.5h7l5 5v7l-5 5h-7l-5-5v-7zM9 9h6v6H9z',
} as const;
export type IconName = keyof typeof shapes;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={shapes[name]} />
    </svg>
  );
}
