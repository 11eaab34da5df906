/** A modal question: the browser's own dialog, so that focus, Escape and the backdrop are its business. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export function Dialog(props: {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly tone?: 'bad';
  readonly children: ComponentChildren;
}) {
  const { open, onClose } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const node = dialog.current;
    if (node === null) return;
    if (open && !node.open) node.showModal();
    if (!open && node.open) node.close();
  }, [open]);
  return (
    <dialog ref={dialog} class={props.tone ?? ''} aria-labelledby="dialog-title" onClose={onClose}>
      {open ? (
        <>
          <h2 id="dialog-title">{props.title}</h2>
          {props.children}
        </>
      ) : null}
    </dialog>
  );
}
