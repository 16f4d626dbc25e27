/** How the values of a tag are said: a word for each number, or text for a string of bytes. */
export type Wording = ReadonlyMap<number, string> | 'text' | undefined

export interface TagDirectory {
  readonly names: ReadonlyMap<number, string>
  readonly wording: (tag: number) => Wording
}

/** Tags that point to another directory, by tag: its prefix and its names. */
export const subDirectories = (tag: number): [string, TagDirectory] | undefined => {
  if (tag === 0x8825) return ['GPS', gpsTags]
  if (tag === 0xa005) return ['Interoperability', interoperabilityTags]
  return undefined
}

/** XMP, MakerNote and UserComment: large, often binary, and left out by img2dataset. */
export const ignoredTags: ReadonlySet<number> = new Set([0x02bc, 0x927c, 0x9286])

export const exifDirectoryTag = 0x8769

/** `from` counts up for each name; "-" leaves a number out. */
function run(from: number, names: string): [number, string][] {
  return names
    .split(/\s+/)
    .map((name, i): [number, string] => [from + i, name])
    .filter(([, name]) => name !== '-')
}

function words(...pairs: readonly [number, string][]): ReadonlyMap<number, string> {
  return new Map(pairs)
}

function counted(from: number, ...names: string[]): ReadonlyMap<number, string> {
  return new Map(names.map((name, i) => [from + i, name]))
}

const interoperabilityTags: TagDirectory = {
  names: new Map([
    ...run(0x0001, 'InteroperabilityIndex InteroperabilityVersion'),
    ...run(0x1000, 'RelatedImageFileFormat RelatedImageWidth RelatedImageLength'),
  ]),
  wording: () => undefined,
}

const gpsTags: TagDirectory = {
  names: new Map(
    run(
      0x0000,
      `GPSVersionID GPSLatitudeRef GPSLatitude GPSLongitudeRef GPSLongitude GPSAltitudeRef
      GPSAltitude GPSTimeStamp GPSSatellites GPSStatus GPSMeasureMode GPSDOP GPSSpeedRef GPSSpeed
      GPSTrackRef GPSTrack GPSImgDirectionRef GPSImgDirection GPSMapDatum GPSDestLatitudeRef
      GPSDestLatitude GPSDestLongitudeRef GPSDestLongitude GPSDestBearingRef GPSDestBearing
      GPSDestDistanceRef GPSDestDistance GPSProcessingMethod GPSAreaInformation GPSDate
      GPSDifferential`,
    ),
  ),
  wording: () => undefined,
}

/** Names of TIFF 6.0 and Exif 2.3 as the Python package exifread spells them. */
const names = new Map<number, string>([
  ...run(0x00fe, 'SubfileType OldSubfileType ImageWidth ImageLength BitsPerSample Compression'),
  ...run(0x0106, 'PhotometricInterpretation Thresholding CellWidth CellLength FillOrder'),
  ...run(0x010d, 'DocumentName ImageDescription Make Model StripOffsets Orientation'),
  ...run(0x0115, 'SamplesPerPixel RowsPerStrip StripByteCounts MinSampleValue MaxSampleValue'),
  ...run(0x011a, 'XResolution YResolution PlanarConfiguration PageName XPosition YPosition'),
  ...run(0x0122, 'GrayResponseUnit GrayResponseCurve T4Options T6Options'),
  ...run(0x0128, 'ResolutionUnit PageNumber - - ColorResponseUnit TransferFunction'),
  ...run(0x0131, 'Software DateTime'),
  ...run(0x013b, 'Artist HostComputer Predictor WhitePoint PrimaryChromaticities ColorMap'),
  ...run(0x0141, 'HalftoneHints TileWidth TileLength TileOffsets TileByteCounts BadFaxLines'),
  ...run(0x0147, 'CleanFaxData ConsecutiveBadFaxLines - SubIFDs - InkSet InkNames NumberofInks'),
  ...run(0x0150, 'DotRange TargetPrinter ExtraSamples SampleFormat SMinSampleValue'),
  ...run(0x0155, 'SMaxSampleValue TransferRange ClipPath - - - JPEGTables'),
  ...run(0x0200, 'JPEGProc JPEGInterchangeFormat JPEGInterchangeFormatLength'),
  ...run(0x0211, 'YCbCrCoefficients YCbCrSubSampling YCbCrPositioning ReferenceBlackWhite'),
  ...run(0x02bc, 'ApplicationNotes'),
  ...run(0x4746, 'Rating'),
  ...run(0x828d, 'CFARepeatPatternDim CFAPattern BatteryLevel'),
  ...run(0x8298, 'Copyright - ExposureTime - - FNumber'),
  ...run(0x83bb, 'IPTC/NAA'),
  ...run(0x8769, 'ExifOffset'),
  ...run(0x8773, 'InterColorProfile'),
  ...run(0x8822, 'ExposureProgram - SpectralSensitivity GPSInfo - ISOSpeedRatings OECF Interlace'),
  ...run(0x882a, 'TimeZoneOffset SelfTimerMode'),
  ...run(0x8830, 'SensitivityType - RecommendedExposureIndex ISOSpeed'),
  ...run(0x9000, 'ExifVersion - - DateTimeOriginal DateTimeDigitized'),
  ...run(0x9010, 'OffsetTime OffsetTimeOriginal OffsetTimeDigitized'),
  ...run(0x9101, 'ComponentsConfiguration CompressedBitsPerPixel'),
  ...run(0x9201, 'ShutterSpeedValue ApertureValue BrightnessValue ExposureBiasValue'),
  ...run(0x9205, 'MaxApertureValue SubjectDistance MeteringMode LightSource Flash FocalLength'),
  ...run(0x920b, 'FlashEnergy SpatialFrequencyResponse Noise'),
  ...run(0x9211, 'ImageNumber SecurityClassification ImageHistory SubjectArea ExposureIndex'),
  ...run(0x9216, 'TIFF/EPStandardID'),
  ...run(0x9290, 'SubSecTime SubSecTimeOriginal SubSecTimeDigitized'),
  ...run(0x9c9b, 'XPTitle XPComment XPAuthor XPKeywords XPSubject'),
  ...run(0xa000, 'FlashPixVersion ColorSpace ExifImageWidth ExifImageLength RelatedSoundFile'),
  ...run(0xa005, 'InteroperabilityOffset'),
  ...run(0xa20b, 'FlashEnergy SpatialFrequencyResponse - FocalPlaneXResolution'),
  ...run(0xa20f, 'FocalPlaneYResolution FocalPlaneResolutionUnit'),
  ...run(0xa214, 'SubjectLocation ExposureIndex - SensingMethod'),
  ...run(0xa300, 'FileSource SceneType CVAPattern'),
  ...run(0xa401, 'CustomRendered ExposureMode WhiteBalance DigitalZoomRatio'),
  ...run(0xa405, 'FocalLengthIn35mmFilm SceneCaptureType GainControl Contrast Saturation'),
  ...run(0xa40a, 'Sharpness DeviceSettingDescription SubjectDistanceRange'),
  ...run(0xa420, 'ImageUniqueID'),
  ...run(0xa430, 'CameraOwnerName BodySerialNumber LensSpecification LensMake LensModel'),
  ...run(0xa435, 'LensSerialNumber'),
  ...run(0xa500, 'Gamma'),
  ...run(0xc4a5, 'PrintIM'),
  ...run(0xc61a, 'BlackLevel'),
  ...run(0xea1c, 'Padding OffsetSchema'),
  ...run(0xfde8, 'OwnerName SerialNumber'),
])

const strength = counted(0, 'Normal', 'Soft', 'Hard')

/** The words exifread has for the values cameras write; other values are said as numbers. */
const wordings = new Map<number, Wording>([
  [0x0103, words([1, 'Uncompressed'], [5, 'LZW'], [6, 'JPEG (old-style)'], [7, 'JPEG'])],
  [
    0x0112,
    counted(
      1,
      'Horizontal (normal)',
      'Mirrored horizontal',
      'Rotated 180',
      'Mirrored vertical',
      'Mirrored horizontal then rotated 90 CCW',
      'Rotated 90 CW',
      'Mirrored horizontal then rotated 90 CW',
      'Rotated 90 CCW',
    ),
  ],
  [0x011d, 'text'],
  [0x0128, counted(1, 'Not Absolute', 'Pixels/Inch', 'Pixels/Centimeter')],
  [0x013d, counted(1, 'None', 'Horizontal differencing')],
  [0x0152, counted(0, 'Unspecified', 'Associated Alpha', 'Unassociated Alpha')],
  [0x0153, counted(1, 'Unsigned', 'Signed', 'Float', 'Undefined', 'Complex int', 'Complex float')],
  [0x0213, counted(1, 'Centered', 'Co-sited')],
  [
    0x8822,
    counted(
      0,
      'Unidentified',
      'Manual',
      'Program Normal',
      'Aperture Priority',
      'Shutter Priority',
      'Program Creative',
      'Program Action',
      'Portrait Mode',
      'Landscape Mode',
    ),
  ],
  [0x8830, sensitivityTypes()],
  [0x9000, 'text'],
  [0x9101, counted(0, '', 'Y', 'Cb', 'Cr', 'Red', 'Green', 'Blue')],
  [
    0x9207,
    new Map([
      ...counted(0, 'Unidentified', 'Average', 'CenterWeightedAverage', 'Spot', 'MultiSpot'),
      ...words([5, 'Pattern'], [6, 'Partial'], [255, 'other']),
    ]),
  ],
  [0x9208, lightSources()],
  [0x9209, flashWords()],
  [0x9c9d, 'text'],
  [0xa000, 'text'],
  [0xa001, words([1, 'sRGB'], [2, 'Adobe RGB'], [65535, 'Uncalibrated'])],
  [
    0xa217,
    words(
      [1, 'Not defined'],
      [2, 'One-chip color area'],
      [3, 'Two-chip color area'],
      [4, 'Three-chip color area'],
      [5, 'Color sequential area'],
      [7, 'Trilinear'],
      [8, 'Color sequential linear'],
    ),
  ],
  [0xa300, counted(1, 'Film Scanner', 'Reflection Print Scanner', 'Digital Camera')],
  [0xa301, words([1, 'Directly Photographed'])],
  [0xa401, counted(0, 'Normal', 'Custom')],
  [0xa402, counted(0, 'Auto Exposure', 'Manual Exposure', 'Auto Bracket')],
  [0xa403, counted(0, 'Auto', 'Manual')],
  [0xa406, counted(0, 'Standard', 'Landscape', 'Portrait', 'Night')],
  [0xa407, counted(0, 'None', 'Low gain up', 'High gain up', 'Low gain down', 'High gain down')],
  [0xa408, strength],
  [0xa409, strength],
  [0xa40a, strength],
])

export const exifTags: TagDirectory = { names, wording: (tag) => wordings.get(tag) }

function sensitivityTypes(): ReadonlyMap<number, string> {
  const [output, index, iso] = [
    'Standard Output Sensitivity',
    'Recommended Exposure Index',
    'ISO Speed',
  ]
  return new Map([
    ...counted(0, 'Unknown', output, index, iso, `${output} and ${index}`),
    ...counted(5, `${output} and ${iso}`, `${index} and ${iso}`, `${output}, ${index} and ${iso}`),
  ])
}

function lightSources(): ReadonlyMap<number, string> {
  return new Map([
    ...counted(0, 'Unknown', 'Daylight', 'Fluorescent', 'Tungsten (incandescent light)', 'Flash'),
    ...counted(9, 'Fine weather', 'Cloudy weather', 'Shade'),
    ...counted(12, 'Daylight fluorescent (D 5700 - 7100K)'),
    ...counted(13, 'Day white fluorescent (N 4600 - 5400K)'),
    ...counted(14, 'Cool white fluorescent (W 3900 - 4500K)'),
    ...counted(15, 'White fluorescent (WW 3200 - 3700K)'),
    ...counted(17, 'Standard light A', 'Standard light B', 'Standard light C'),
    ...counted(20, 'D55', 'D65', 'D75', 'D50', 'ISO studio tungsten'),
    ...words([255, 'other light source']),
  ])
}

/** The flash byte is made of bits (Exif 2.3, 4.6.5): fired, return light, mode, red-eye. */
function flashWords(): ReadonlyMap<number, string> {
  const known = [9, 13, 15, 16, 24, 25, 29, 31, 65, 69, 71, 73, 77, 79, 89, 93, 95]
  return new Map([
    ...words([0, 'Flash did not fire'], [1, 'Flash fired'], [32, 'No flash function']),
    ...words([5, 'Strobe return light not detected'], [7, 'Strobe return light detected']),
    ...known.map((value): [number, string] => [value, flashWord(value)]),
  ])
}

function flashWord(value: number): string {
  const returned = [undefined, undefined, 'return light not detected', 'return light detected']
  const parts = [
    (value & 1) === 1 ? 'Flash fired' : 'Flash did not fire',
    [undefined, 'compulsory flash mode', 'compulsory flash mode', 'auto mode'][(value >> 3) & 3],
  ]
  const light = returned[(value >> 1) & 3]
  const redEye = (value & 64) === 0 ? undefined : 'red-eye reduction mode'
  // Only with mode "auto" does the word for red eyes come last.
  const tail = ((value >> 3) & 3) === 3 ? [light, redEye] : [redEye, light]
  return [...parts, ...tail].filter((part) => part !== undefined).join(', ')
}
