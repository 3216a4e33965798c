// What extension.js uses of JupyterLab 4 and of its widget manager. All of it is global, so no module imports it.

interface Signal {
  connect(act: () => void): void;
}

interface WidgetOutput {
  data: { "application/vnd.jupyter.widget-view+json": { model_id: string } };
}

interface WidgetRenderer {
  node: Element;
  removeClass(name: string): void;
  renderModel(output: WidgetOutput): Promise<void>;
  _manager: { promise: Promise<WidgetManager> };
}

interface WidgetManager {
  has_model(id: string): boolean;
}

interface OutputArea {
  widgets: { children(): Iterable<WidgetRenderer> }[];
  model: { get(place: number): WidgetOutput };
}

interface NotebookPanel {
  node: Element;
  disposed: Signal;
  context: { ready: Promise<void> };
  content: {
    widgets: { outputArea?: OutputArea; model: { sharedModel: { source: string } } }[];
    model: { sharedModel: { insertCell(place: number, cell: object): void } };
    activeCellIndex: number;
    scrollToItem(place: number, where: "center"): Promise<void>;
  };
}

interface JupyterApp {
  docRegistry: {
    addWidgetExtension(of: string, by: { createNew: (panel: NotebookPanel) => void }): { dispose(): void };
  };
}

interface Window {
  _JUPYTERLAB?: Record<string, object>;
}
