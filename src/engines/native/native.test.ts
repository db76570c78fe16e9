import { describeEngineContract } from '../../testing/engine-contract.ts';
import { native } from './native.ts';

describeEngineContract(native);
