if (!window.DecompressionStream || !window.HTMLScriptElement?.supports?.("importmap")) document.getElementById("gz-old").hidden = false;
