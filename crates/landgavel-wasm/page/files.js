// What a reader hands over: a zip file, or a folder by button or by drop.

/** Files of a folder that was chosen: paths below it. */
function filesOfChosenFolder(list) {
  return [...list].map((file) => ({ path: file.webkitRelativePath.split("/").slice(1).join("/"), file }));
}

/**
 * What was dropped, as `archive` or `files`. Must be called while the event lasts: its items are gone after.
 *
 * A browser has two ways to look into a folder. On a page from the disk some refuse the one, some the other.
 */
function readDrop(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  if (items.length === 0) {
    throw new Fault("nothing");
  }
  const found = items.map((item) => {
    const handle = item.getAsFileSystemHandle?.().catch(() => null) ?? null;
    return { handle, entry: item.webkitGetAsEntry?.() ?? null, file: item.getAsFile() };
  });
  if (found.length === 1 && !found[0].entry?.isDirectory && found[0].file) {
    return Promise.resolve({ archive: found[0].file });
  }
  return gather(found);
}

async function gather(found) {
  const files = [];
  for (const one of found) {
    const handle = await one.handle;
    // A folder that is dropped alone is the record; of several things each is a part of it.
    const prefix = (name) => (found.length === 1 ? "" : name);
    if (handle) {
      await walkHandle(handle, prefix(handle.name), files);
    } else if (one.entry) {
      await walkEntry(one.entry, prefix(one.entry.name), files);
    } else if (one.file) {
      files.push({ path: one.file.name, file: one.file });
    }
  }
  if (files.length === 0) {
    throw new Fault("emptyFolder");
  }
  return { files, folder: found.length === 1 ? (found[0].entry?.name ?? found[0].file?.name) : undefined };
}

function join(path, name) {
  return path === "" ? name : `${path}/${name}`;
}

function keep(files, path, file) {
  if (files.length === FILES_MAX) {
    throw new Fault("tooMany");
  }
  files.push({ path, file });
}

async function walkHandle(handle, path, files) {
  try {
    if (handle.kind === "file") {
      keep(files, path, await handle.getFile());
      return;
    }
    for await (const [name, child] of handle.entries()) {
      await walkHandle(child, join(path, name), files);
    }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("folderRefused", error.message);
  }
}

async function walkEntry(entry, path, files) {
  const ask = (object, method) => new Promise((resolve, reject) => object[method](resolve, reject));
  try {
    if (entry.isFile) {
      keep(files, path, await ask(entry, "file"));
      return;
    }
    const reader = entry.createReader();
    // A reader gives its entries in portions, the last of them empty.
    for (let portion = await ask(reader, "readEntries"); portion.length > 0; ) {
      for (const child of portion) {
        await walkEntry(child, join(path, child.name), files);
      }
      portion = await ask(reader, "readEntries");
    }
  } catch (error) {
    throw error instanceof Fault ? error : new Fault("folderRefused", error.message);
  }
}
