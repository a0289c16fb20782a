"""The names of the annotation formats, for the commands' help: `lpr.fetching.formats` takes long to import."""

FORMATS = ("own", "voc", "yolo", "coco", "csv", "openalpr", "label_studio", "cvat")
