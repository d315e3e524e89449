/** The parts of V8's `Runtime` domain that the debugger reads. */

export interface RemoteValue {
  readonly type: string;
  readonly subtype?: string;
  readonly className?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
  readonly objectId?: string;
  readonly preview?: ValuePreview;
}

export interface ValuePreview {
  readonly type: string;
  readonly subtype?: string;
  readonly description?: string;
  readonly overflow: boolean;
  readonly properties: readonly PropertyPreview[];
  readonly entries?: readonly { readonly key?: ValuePreview; readonly value: ValuePreview }[];
}

export interface PropertyPreview {
  readonly name: string;
  readonly type: string;
  readonly subtype?: string;
  readonly value?: string;
}

export interface RemoteProperty {
  readonly name: string;
  readonly value?: RemoteValue;
  readonly get?: RemoteValue;
  readonly set?: RemoteValue;
  readonly isOwn?: boolean;
  readonly enumerable?: boolean;
}

export interface PropertiesResult {
  readonly result: readonly RemoteProperty[];
  readonly internalProperties?: readonly { readonly name: string; readonly value?: RemoteValue }[];
  readonly privateProperties?: readonly RemoteProperty[];
}

export interface ExceptionDetails {
  readonly text: string;
  readonly exception?: RemoteValue;
}
